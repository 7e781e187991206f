import { ProtobufWriter } from '../src/graph/protobuf'
import { type VitSize, vitWeights } from './vit'

// The forward pass as one would export it by hand: ONNX with the weights inside, written without the backend's tracing.

type Attribute = [name: string, value: number | number[] | { float: number }]

class GraphBuilder {
  private readonly graph = new ProtobufWriter(1 << 20)
  private count = 0

  node(op: string, inputs: string[], attributes: Attribute[] = [], outputs = 1): string[] {
    const names = Array.from({ length: outputs }, () => `t${this.count++}`)
    const proto = new ProtobufWriter()
    for (const name of inputs) proto.string(1, name)
    for (const name of names) proto.string(2, name)
    proto.string(4, op)
    for (const [name, value] of attributes) {
      const attribute = new ProtobufWriter().string(1, name)
      if (typeof value === 'number') attribute.int(3, value).int(20, 2)
      else if (Array.isArray(value)) {
        for (const v of value) attribute.int(8, v)
        attribute.int(20, 7)
      } else attribute.float(2, value.float).int(20, 1)
      proto.message(5, attribute)
    }
    if (op === 'Gelu') proto.string(7, 'com.microsoft')
    this.graph.message(1, proto)
    return names
  }

  constant(name: string, shape: number[], data: Float32Array | BigInt64Array): string {
    const tensor = new ProtobufWriter(64 + data.byteLength)
    for (const d of shape) tensor.int(1, d)
    tensor.int(2, data instanceof Float32Array ? 1 : 7).string(8, name)
    this.graph.message(5, tensor.bytes(9, new Uint8Array(data.buffer, data.byteOffset, data.byteLength)))
    return name
  }

  shape(values: number[]): string {
    return this.constant(`c${this.count++}`, [values.length], BigInt64Array.from(values, BigInt))
  }

  port(field: 11 | 12, name: string, shape: number[]): void {
    const dims = new ProtobufWriter()
    for (const d of shape) dims.message(1, new ProtobufWriter().int(1, d))
    const type = new ProtobufWriter().message(1, new ProtobufWriter().int(1, 1).message(2, dims))
    this.graph.message(field, new ProtobufWriter().string(1, name).message(2, type))
  }

  model(): Uint8Array {
    const domain = (name: string, version: number) => new ProtobufWriter().string(1, name).int(2, version)
    return new ProtobufWriter(1 << 20)
      .int(1, 8)
      .message(8, domain('', 17))
      .message(8, domain('com.microsoft', 1))
      .message(7, this.graph.string(2, 'vit'))
      .finish()
  }
}

/** Input `images` [batch, patches, patch·patch·3], output `features` [batch, width]. */
export function plainVit(size: VitSize, batch: number): Uint8Array {
  const { width, blocks, heads, patch, pixels } = size
  const length = (pixels / patch) ** 2
  const g = new GraphBuilder()
  const weights = vitWeights(size)
  for (const [name, { shape, data }] of Object.entries(weights)) {
    if (name.includes('adapter') || name.startsWith('head')) continue
    if (shape.length === 2) {
      // Exporters transpose [out, in] weights once, so that a layer is MatMul + Add.
      const [rows, columns] = shape as [number, number]
      const turned = new Float32Array(data.length)
      for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) turned[j * rows + i] = data[i * columns + j]!
      g.constant(name, [columns, rows], turned)
    } else g.constant(name, shape, data)
  }
  const one = (op: string, inputs: string[], attributes?: Attribute[]) => g.node(op, inputs, attributes)[0]!
  const layer = (name: string, x: string) => one('Add', [one('MatMul', [x, `${name}.weight`]), `${name}.bias`])
  const norm = (name: string, x: string) =>
    one(
      'LayerNormalization',
      [x, `${name}.weight`, `${name}.bias`],
      [
        ['axis', -1],
        ['epsilon', { float: 1e-6 }],
      ],
    )
  const scale = g.constant('scale', [], Float32Array.of((width / heads) ** -0.5))
  const split = g.shape([batch, length, 3, heads, width / heads])
  const joined = g.shape([batch, length, width])
  const single = g.shape([batch, heads, length, width / heads])
  g.port(11, 'images', [batch, length, patch * patch * 3])
  let x = one('Add', [layer('patch_embed.proj', 'images'), 'pos_embed'])
  for (let i = 0; i < blocks; i++) {
    const name = `blocks.${i}`
    const qkv = one('Reshape', [layer(`${name}.attn.qkv`, norm(`${name}.norm1`, x)), split])
    const parts = g.node(
      'Split',
      [one('Transpose', [qkv], [['perm', [2, 0, 3, 1, 4]]]), g.shape([1, 1, 1])],
      [['axis', 0]],
      3,
    )
    const [q, k, v] = parts.map((part) => one('Reshape', [part, single])) as [string, string, string]
    const scores = one('Mul', [one('MatMul', [q, one('Transpose', [k], [['perm', [0, 1, 3, 2]]])]), scale])
    const mixed = one('MatMul', [one('Softmax', [scores], [['axis', -1]]), v])
    const merged = one('Reshape', [one('Transpose', [mixed], [['perm', [0, 2, 1, 3]]]), joined])
    x = one('Add', [x, layer(`${name}.attn.proj`, merged)])
    const hidden = one('Gelu', [layer(`${name}.mlp.fc1`, norm(`${name}.norm2`, x))])
    x = one('Add', [x, layer(`${name}.mlp.fc2`, hidden)])
  }
  const first = one('Slice', [x, g.shape([0]), g.shape([1]), g.shape([1])])
  const features = norm('norm', one('Reshape', [first, g.shape([batch, width])]))
  g.port(12, features, [batch, width])
  return g.model()
}
