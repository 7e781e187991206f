/** A string or bytes object of a pickle: where it lies in the file, so that image data need not be copied. */
export class PickleBytes {
  constructor(
    private readonly file: Uint8Array,
    readonly start: number,
    readonly length: number,
  ) {}

  toString(): string {
    return new TextDecoder('utf-8').decode(this.file.subarray(this.start, this.start + this.length))
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

/** The three names that numpy arrays are pickled with; any other name is refused. Nothing that a pickle names is ever called. */
const known: Readonly<Record<string, 'reconstruct' | 'ndarray' | 'dtype'>> = {
  'numpy.core.multiarray _reconstruct': 'reconstruct',
  'numpy._core.multiarray _reconstruct': 'reconstruct',
  'numpy ndarray': 'ndarray',
  'numpy dtype': 'dtype',
}

/** What stands for these names while a pickle is read. */
type Piece =
  | { readonly piece: 'mark' }
  | { readonly piece: 'name'; readonly name: 'reconstruct' | 'ndarray' | 'dtype' }
  | { readonly piece: 'dtype'; readonly code: string }
  | { piece: 'array'; array?: PickleArray }
type Item = null | boolean | number | PickleBytes | Piece | Item[] | Map<string, Item>

const mark: Piece = { piece: 'mark' }

/**
 * Reads the pickles that CIFAR comes in, and no others: dictionaries, lists, tuples, numbers, strings and numpy arrays (protocols 2 to 5).
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
    for (let i = 0; i + 1 < items.length; i += 2) map.set(String(items[i]), items[i + 1]!)
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
  /** The two "calls" there are: an empty array, and a dtype. */
  const reduce = () => {
    const args = pop()
    const callee = pop()
    if (!isPiece(callee) || callee.piece !== 'name' || !Array.isArray(args)) return fail('it calls something')
    if (callee.name === 'reconstruct') stack.push({ piece: 'array' })
    else if (callee.name === 'dtype') stack.push({ piece: 'dtype', code: String(args[0]) })
    else fail('it calls something')
  }
  const build = () => {
    const state = pop()
    const target = top()
    if (!isPiece(target) || !Array.isArray(state)) return fail('it sets the state of something')
    if (target.piece === 'dtype') return
    const [, shape, dtype, fortran, data] = state
    const sound =
      target.piece === 'array' &&
      Array.isArray(shape) &&
      shape.every((size): size is number => typeof size === 'number' && size >= 0) &&
      isPiece(dtype) &&
      dtype.piece === 'dtype' &&
      data instanceof PickleBytes
    if (!sound) return fail('it sets the state of something')
    if (fortran === true) fail('an array in Fortran order')
    target.array = { kind: 'array', shape, dtype: dtype.code, data }
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
    0x55: () => stack.push(bytes(byte())),
    0x54: () => stack.push(bytes(uint32())),
    0x43: () => stack.push(bytes(byte())),
    0x42: () => stack.push(bytes(uint32())),
    0x8e: () => stack.push(bytes(uint64())),
    0x8c: () => stack.push(bytes(byte())),
    0x58: () => stack.push(bytes(uint32())),
    0x71: () => memo.set(byte(), top()),
    0x72: () => memo.set(uint32(), top()),
    0x94: () => memo.set(memo.size, top()),
    0x68: () => recall(byte()),
    0x6a: () => recall(uint32()),
    0x63: () => lookUp(line(), line()),
    0x93: () => {
      const name = String(pop())
      lookUp(String(pop()), name)
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

/** The value that was read, its pieces replaced by what they stand for. */
function finished(item: Item, fail: (why: string) => never): PickleValue {
  if (Array.isArray(item)) return item.map((entry) => finished(entry, fail))
  if (item instanceof Map) return new Map([...item].map(([key, value]) => [key, finished(value, fail)]))
  if (!isPiece(item)) return item
  return (item.piece === 'array' ? item.array : undefined) ?? fail('it holds something that is no data')
}
