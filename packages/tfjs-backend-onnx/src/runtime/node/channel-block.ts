import { GraphBuilder } from '../../graph/graph-builder'
import { encodeModel, nameOf } from '../../graph/onnx-model'
import { nchwc } from '../../graph/recorder'
import { loadOrt } from './ort'

/**
 * How many channels ONNX Runtime's convolutions on blocks of channels take at once on this CPU, or null where it has none
 * (they exist for some processors only, and only on its CPU provider).
 */
export function channelBlock(executionProviders: readonly string[]): number | null {
  if (executionProviders.length !== 1 || executionProviders[0] !== 'cpu') return null
  try {
    return probe()
  } catch {
    // No such operation here. Whatever else may be wrong, the device meets it as well, and says so.
    return null
  }
}

/** Asks for the shape of four channels in blocks. There are no images, so that nothing is computed. */
function probe(): number | null {
  const { binding, Tensor } = loadOrt()
  const make = new GraphBuilder({ nodes: [], leaves: [], frozen: [], constants: [] })
  const images = make.value([0, 1, 1, 4], 'float32')
  const blocked = make.value([], 'float32')
  const shape = make.value([4], 'int64')
  const model = encodeModel({
    nodes: [
      make.node('probe', 'ReorderInput', [images], [blocked], { channels_last: 1 }, nchwc),
      make.node('probe', 'Shape', [blocked], [shape]),
    ],
    inputs: [images],
    outputs: [shape],
    constants: [],
    frozen: [],
  })
  const session = new binding.InferenceSession()
  try {
    session.loadModel(model.buffer, model.byteOffset, model.byteLength, { intraOpNumThreads: 1 })
    const feeds = { [nameOf(images)]: new Tensor('float32', new Float32Array(0), images.shape) }
    const result = session.run(feeds, { [nameOf(shape)]: null }, {})
    const channels = Number(result[nameOf(shape)]!.data[1])
    return channels > 4 ? channels : null
  } finally {
    session.dispose()
  }
}
