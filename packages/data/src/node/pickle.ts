/** A string or bytes object of a pickle: where it lies in the file, so that image data need not be copied. */
export class PickleBytes {
  constructor(
    private readonly file: Uint8Array,
    readonly start: number,
    readonly length: number,
    /** Whether it lies in the file; false where it had to be converted. */
    readonly inFile = true,
  ) {}

  bytes(): Uint8Array {
    return this.file.subarray(this.start, this.start + this.length)
  }

  toString(): string {
    return new TextDecoder('utf-8').decode(this.bytes())
  }
}

/** A numpy array of a pickle: C order, its bytes left in the file. */
export interface PickleArray {
  readonly kind: 'array'
  readonly shape: readonly number[]
  /** numpy's type code without byte order, e.g. `u1`. */
  readonly dtype: string
  readonly data: PickleBytes
}

export type PickleValue =
  null | boolean | number | PickleBytes | PickleArray | readonly PickleValue[] | ReadonlyMap<string, PickleValue>

/**
 * The names that numpy arrays are pickled with, and what Python 3 writes bytes with in protocol 2; any other name is refused.
 * Nothing that a pickle names is ever called.
 */
const known: Readonly<Record<string, Name>> = {
  'numpy.core.multiarray _reconstruct': 'reconstruct',
  'numpy._core.multiarray _reconstruct': 'reconstruct',
  'numpy.core.numeric _frombuffer': 'frombuffer',
  'numpy._core.numeric _frombuffer': 'frombuffer',
  'numpy ndarray': 'ndarray',
  'numpy dtype': 'dtype',
  '_codecs encode': 'encode',
}
type Name = 'reconstruct' | 'frombuffer' | 'ndarray' | 'dtype' | 'encode'

/** Lists within lists; CIFAR has three. */
const deepest = 20

/** What stands for these names while a pickle is read. */
type Piece =
  | { readonly piece: 'mark' }
  | { readonly piece: 'name'; readonly name: Name }
  | { readonly piece: 'dtype'; readonly code: string }
  | { piece: 'array'; array?: PickleArray }
type Item = null | boolean | number | PickleBytes | Piece | Item[] | Map<string, Item>

const mark: Piece = { piece: 'mark' }

/**
 * Reads the pickles that CIFAR comes in, and no others: dictionaries, lists, tuples, numbers, strings and numpy arrays (protocols
 * 2 to 5, as Python 2 and 3 write them).
 * It is data that is read here; objects, functions and imports of a pickle are refused by name.
 * @throws Error saying at which byte the file leaves that layout
 */
export function readPickle(file: Uint8Array): PickleValue {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength)
  const stack: Item[] = []
  const memo = new Map<number, Item>()
  let at = 0

  const fail = (why: string): never => {
    throw new Error(`not the pickle of a CIFAR file: byte ${at}: ${why}`)
  }
  const take = (count: number) => {
    const start = at
    if (count < 0 || start + count > file.length) fail('the file ends too early')
    at += count
    return start
  }
  const byte = () => file[take(1)]!
  const uint16 = () => view.getUint16(take(2), true)
  const uint32 = () => view.getUint32(take(4), true)
  const uint64 = () => Number(view.getBigUint64(take(8), true))
  const bytes = (length: number) => new PickleBytes(file, take(length), length)
  /** A whole number of so many bytes, lowest first, in two's complement. */
  const long = (length: number) => {
    if (length > 6) fail('a number that is too large')
    const value = Buffer.from(file.buffer, file.byteOffset + take(length), length)
    return length === 0 ? 0 : value.readIntLE(0, length)
  }
  const line = () => {
    const end = file.indexOf(10, at)
    if (end < 0 || end - at > 200) fail('a name has no end')
    const text = bytes(end - at).toString()
    take(1)
    return text
  }
  const pop = (): Item => {
    const item = stack.pop()
    return item === undefined ? fail('the stack is empty') : item
  }
  /** Only what is text or a number is made into one: a list could be written out without end. */
  const text = (item: Item | undefined): string =>
    item instanceof PickleBytes || typeof item === 'number' ? String(item) : fail('a text is missing')
  const top = (): Item => stack.at(-1) ?? fail('the stack is empty')
  const sinceMark = (): Item[] => {
    const from = stack.lastIndexOf(mark)
    if (from < 0) fail('a mark is missing')
    const items = stack.splice(from)
    return items.slice(1)
  }
  const setItems = (items: readonly Item[]) => {
    const map = top()
    if (!(map instanceof Map)) return fail('a dictionary is missing')
    for (let i = 0; i + 1 < items.length; i += 2) map.set(text(items[i]), items[i + 1]!)
  }
  const append = (items: readonly Item[]) => {
    const list = top()
    if (!Array.isArray(list)) return fail('a list is missing')
    for (const item of items) list.push(item)
  }
  const lookUp = (module: string, name: string) => {
    const found = Object.hasOwn(known, `${module} ${name}`) ? known[`${module} ${name}`] : undefined
    stack.push(found ? { piece: 'name', name: found } : fail(`it names ${module}.${name}, which no CIFAR file does`))
  }
  const recall = (index: number) => stack.push(memo.get(index) ?? fail('it refers to nothing'))
  /** Text of the code points 0 … 255 as the bytes that they stand for. */
  const latin1 = (item: Item | undefined): PickleBytes => {
    if (!(item instanceof PickleBytes)) return fail('it encodes what is no text')
    const encoded = Buffer.from(item.toString(), 'latin1')
    return new PickleBytes(encoded, 0, encoded.length, false)
  }
  const array = (shape: Item | undefined, dtype: Item | undefined, data: Item | undefined): PickleArray => {
    const sound =
      Array.isArray(shape) &&
      shape.every((size): size is number => typeof size === 'number' && size >= 0) &&
      isPiece(dtype) &&
      dtype.piece === 'dtype' &&
      data instanceof PickleBytes
    return sound ? { kind: 'array', shape, dtype: dtype.code, data } : fail('it sets the state of something')
  }
  /** The "calls" there are: an empty array, a dtype, an array of a buffer, and bytes written as text. */
  const reduce = () => {
    const args = pop()
    const callee = pop()
    if (!isPiece(callee) || callee.piece !== 'name' || !Array.isArray(args)) return fail('it calls something')
    if (callee.name === 'reconstruct') stack.push({ piece: 'array' })
    else if (callee.name === 'dtype') stack.push({ piece: 'dtype', code: text(args[0]) })
    else if (callee.name === 'encode' && text(args[1]) === 'latin1') stack.push(latin1(args[0]))
    else if (callee.name === 'frombuffer' && text(args[3]) === 'C')
      stack.push({ piece: 'array', array: array(args[2], args[1], args[0]) })
    else fail('it calls something')
  }
  const build = () => {
    const state = pop()
    const target = top()
    if (!isPiece(target) || !Array.isArray(state)) return fail('it sets the state of something')
    if (target.piece === 'dtype') return
    const [, shape, dtype, fortran, data] = state
    if (target.piece !== 'array') return fail('it sets the state of something')
    if (fortran === true) fail('an array in Fortran order')
    target.array = array(shape, dtype, data)
  }

  const opcodes: Readonly<Record<number, () => unknown>> = {
    0x80: () => byte() > 5 && fail('an unknown protocol'),
    0x95: () => take(8),
    0x7d: () => stack.push(new Map()),
    0x5d: () => stack.push([]),
    0x29: () => stack.push([]),
    0x28: () => stack.push(mark),
    0x74: () => stack.push(sinceMark()),
    0x85: () => stack.push([pop()]),
    0x86: () => stack.push([pop(), pop()].reverse()),
    0x87: () => stack.push([pop(), pop(), pop()].reverse()),
    0x61: () => append([pop()]),
    0x65: () => append(sinceMark()),
    0x73: () => setItems([pop(), pop()].reverse()),
    0x75: () => setItems(sinceMark()),
    0x4e: () => stack.push(null),
    0x88: () => stack.push(true),
    0x89: () => stack.push(false),
    0x4a: () => stack.push(view.getInt32(take(4), true)),
    0x4b: () => stack.push(byte()),
    0x4d: () => stack.push(uint16()),
    0x8a: () => stack.push(long(byte())),
    0x55: () => stack.push(bytes(byte())),
    0x54: () => stack.push(bytes(uint32())),
    0x43: () => stack.push(bytes(byte())),
    0x42: () => stack.push(bytes(uint32())),
    0x8e: () => stack.push(bytes(uint64())),
    0x96: () => stack.push(bytes(uint64())),
    0x98: () => top(),
    0x8c: () => stack.push(bytes(byte())),
    0x58: () => stack.push(bytes(uint32())),
    0x71: () => memo.set(byte(), top()),
    0x72: () => memo.set(uint32(), top()),
    0x94: () => memo.set(memo.size, top()),
    0x68: () => recall(byte()),
    0x6a: () => recall(uint32()),
    0x63: () => lookUp(line(), line()),
    0x93: () => {
      const name = text(pop())
      lookUp(text(pop()), name)
    },
    0x52: reduce,
    0x62: build,
  }

  for (;;) {
    const opcode = byte()
    if (opcode === 0x2e) return finished(pop(), fail)
    const perform = opcodes[opcode] ?? (() => fail(`opcode 0x${opcode.toString(16)}`))
    perform()
  }
}

function isPiece(item: Item | undefined): item is Piece {
  return typeof item === 'object' && item !== null && 'piece' in item
}

/**
 * The value that was read, its pieces replaced by what they stand for. What the pickle holds in several places is replaced once:
 * lists of lists of one list would else multiply.
 */
function finished(item: Item, fail: (why: string) => never): PickleValue {
  const done = new Map<Item, PickleValue>()
  const finish = (current: Item, depth: number): PickleValue => {
    if (depth > deepest) return fail('it is nested too deeply')
    const known = done.get(current)
    if (known !== undefined) return known
    if (Array.isArray(current)) {
      const list: PickleValue[] = []
      done.set(current, list)
      for (const entry of current) list.push(finish(entry, depth + 1))
      return list
    }
    if (current instanceof Map) {
      const map = new Map<string, PickleValue>()
      done.set(current, map)
      for (const [key, value] of current) map.set(key, finish(value, depth + 1))
      return map
    }
    if (!isPiece(current)) return current
    return (current.piece === 'array' ? current.array : undefined) ?? fail('it holds something that is no data')
  }
  return finish(item, 0)
}
