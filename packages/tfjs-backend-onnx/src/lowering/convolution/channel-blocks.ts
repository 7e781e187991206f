import { type Recorder, nchwc } from '../../graph/recorder'
import type { Value } from '../../graph/value'

// How images get into blocks of channels: [batch, channels / block, height, width, block]. ONNX Runtime's operators call the
// shape [batch, channels, height, width] although the channels lie in blocks.

type Shape4 = [number, number, number, number]

/** From [batch, height, width, channels]. */
export function intoBlocks(g: Recorder, x: Value): Value {
  const [batch, height, width, channels] = x.shape as Shape4
  return g.emit('ReorderInput', [x], [batch, channels, height, width], 'float32', { channels_last: 1 }, nchwc)
}

/** From [batch, channels, height, width]. */
export const planesIntoBlocks = (g: Recorder, x: Value): Value =>
  g.emit('ReorderInput', [x], x.shape, 'float32', undefined, nchwc)
