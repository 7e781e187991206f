import { contrib, nchwc } from './recorder'
import { type Attribute, type GraphType, type Node, type TypedArray, type Value, filled, rawBytes } from './value'
import { ProtobufWriter } from './protobuf'

/** TensorProto.DataType (https://github.com/onnx/onnx/blob/main/onnx/onnx.proto). */
const dataTypes: Record<GraphType, number> = {
  ...{ float32: 1, uint8: 2, int8: 3, int32: 6 },
  ...{ int64: 7, bool: 9, float16: 10, float64: 11 },
}
const irVersion = 8
const opset = 17

/** What a session is made of: nodes in order of execution, the values fed, fetched and baked in. */
export interface GraphDescription {
  nodes: readonly Node[]
  inputs: readonly Value[]
  outputs: readonly Value[]
  constants: readonly Value[]
  /** Constants whose elements are handed over beside the model, under their names. */
  frozen: readonly Value[]
}

/** A value's name in the model; its slot must have been assigned. */
export const nameOf = (value: Value): string => `v${value.slot}`

function tensorProto(name: string, dtype: GraphType, shape: readonly number[], data: TypedArray): ProtobufWriter {
  const tensor = new ProtobufWriter(64 + data.byteLength)
  for (const d of shape) tensor.int(1, d)
  tensor.int(2, dataTypes[dtype])
  if (name !== '') tensor.string(8, name)
  return tensor.bytes(9, rawBytes(data))
}

/** A tensor that lies in a file called like itself (https://onnx.ai/onnx/repo-docs/ExternalData.html). */
function externalTensorProto(value: Value): ProtobufWriter {
  const tensor = new ProtobufWriter()
  for (const d of value.shape) tensor.int(1, d)
  const location = new ProtobufWriter(64).string(1, 'location').string(2, nameOf(value))
  return tensor.int(2, dataTypes[value.dtype]).string(8, nameOf(value)).message(13, location).int(14, 1)
}

function valueInfo(value: Value): ProtobufWriter {
  const shape = new ProtobufWriter(64)
  for (const d of value.shape) shape.message(1, new ProtobufWriter(16).int(1, d))
  const tensorType = new ProtobufWriter(64).int(1, dataTypes[value.dtype]).message(2, shape)
  return new ProtobufWriter(64).string(1, nameOf(value)).message(2, new ProtobufWriter(64).message(1, tensorType))
}

function attributeProto(name: string, value: Attribute): ProtobufWriter {
  const attribute = new ProtobufWriter(64).string(1, name)
  if (typeof value === 'number') return attribute.int(3, value).int(20, 2)
  if (typeof value === 'string') return attribute.string(4, value).int(20, 3)
  if ('float' in value) return attribute.float(2, value.float).int(20, 1)
  if ('body' in value) return attribute.message(6, graphProto({ ...value.body, constants: [], frozen: [] })).int(20, 5)
  if ('zeros' in value) {
    return attribute.message(5, tensorProto('', value.zeros, [1], filled(value.zeros, 1, value.value))).int(20, 4)
  }
  for (const x of value) attribute.int(8, x)
  return attribute.int(20, 7)
}

/** Node names carry the kernel and the shapes, so that an error of ONNX Runtime says what caused it. */
function nodeProto(node: Node, index: number): ProtobufWriter {
  const proto = new ProtobufWriter()
  for (const v of node.inputs) proto.string(1, nameOf(v))
  for (const v of node.outputs) proto.string(2, nameOf(v))
  const shapes = node.inputs.map((v) => `[${v.shape.join()}]`).join('')
  proto.string(3, `${index}:${node.kernel}${shapes}`).string(4, node.op)
  for (const name in node.attributes) proto.message(5, attributeProto(name, node.attributes[name]!))
  if (node.domain !== '') proto.string(7, node.domain)
  return proto
}

function graphProto({ nodes, inputs, outputs, constants, frozen }: GraphDescription): ProtobufWriter {
  const graph = new ProtobufWriter(1 << 16)
  nodes.forEach((node, i) => graph.message(1, nodeProto(node, i)))
  graph.string(2, 'tfjs')
  for (const c of constants) graph.message(5, tensorProto(nameOf(c), c.dtype, c.shape, c.constant!.data))
  for (const v of frozen) graph.message(5, externalTensorProto(v))
  for (const v of inputs) graph.message(11, valueInfo(v))
  for (const v of outputs) graph.message(12, valueInfo(v))
  return graph
}

/** Serialises a graph as an ONNX ModelProto. */
export function encodeModel(description: GraphDescription): Uint8Array {
  const domain = (name: string, version: number) => new ProtobufWriter(32).string(1, name).int(2, version)
  const model = new ProtobufWriter(1 << 16)
    .int(1, irVersion)
    .string(2, 'tfjs-backend-onnx')
    .message(8, domain('', opset))
    .message(8, domain(contrib, 1))
  // Not everywhere: it is an internal matter of ONNX Runtime on some processors.
  if (description.nodes.some((node) => node.domain === nchwc)) model.message(8, domain(nchwc, 1))
  return model.message(7, graphProto(description)).finish()
}
