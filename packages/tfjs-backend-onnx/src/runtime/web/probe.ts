import { GraphBuilder } from '../../graph/graph-builder'
import { encodeModel, nameOf } from '../../graph/onnx-model'
import { contrib } from '../../graph/recorder'
import type { ProgramSource } from '../device'
import { PageDevice } from './page-device'
import type { WebOrt } from './ort'

const [rows, width] = [3, 8]
const wave = (length: number, phase: number) => Float32Array.from({ length }, (_, i) => Math.sin(0.7 * i + phase))

/** softmax(gelu(x · w)), in the operations that training steps are made of. */
function source(): ProgramSource {
  const make = new GraphBuilder({ nodes: [], leaves: [], frozen: [], constants: [] })
  const [x, w] = [make.value([rows, width], 'float32'), make.value([width, width], 'float32')]
  const [product, active, y] = [0, 1, 2].map(() => make.value([rows, width], 'float32')) as [
    typeof x,
    typeof x,
    typeof x,
  ]
  const nodes = [
    make.node('probe', 'FusedMatMul', [x, w], [product], { transA: 0, transB: 1, alpha: { float: 0.5 } }, contrib),
    make.node('probe', 'Gelu', [product], [active], undefined, contrib),
    make.node('probe', 'Softmax', [active], [y], { axis: -1 }),
  ]
  const port = (v: typeof x) => ({ name: nameOf(v), dtype: v.dtype, shape: v.shape })
  return {
    model: encodeModel({ nodes, inputs: [x, w], outputs: [y], constants: [], frozen: [] }),
    inputs: [x, w].map(port),
    outputs: [port(y)],
    constants: [],
    movesTransposes: false,
    isSmall: true,
    givesMemoryBack: false,
  }
}

/** The error function to 1.5e-7 (Abramowitz and Stegun, 7.1.26). */
function erf(x: number): number {
  const t = 1 / (1 + 0.3275911 * Math.abs(x))
  const sum = [1.061405429, -1.453152027, 1.421413741, -0.284496736, 0.254829592].reduce((s, a) => s * t + a, 0) * t
  return Math.sign(x) * (1 - sum * Math.exp(-x * x))
}

function expected(x: Float32Array, w: Float32Array): number[] {
  return Array.from({ length: rows }, (_, row) => {
    const scores = Array.from({ length: width }, (_, column) => {
      const terms = Array.from({ length: width }, (_, k) => x[row * width + k]! * w[column * width + k]!)
      const product = 0.5 * terms.reduce((a, b) => a + b)
      return 0.5 * product * (1 + erf(product * Math.SQRT1_2))
    })
    const total = scores.reduce((sum, s) => sum + Math.exp(s), 0)
    return scores.map((s) => Math.exp(s) / total)
  }).flat()
}

/**
 * Why an execution provider is not to be used: it is not there, or does not compute a small graph as it should, as some drivers
 * do. Undefined where nothing is wrong.
 */
export async function faultOf(ort: WebOrt, provider: string): Promise<string | undefined> {
  const device = new PageDevice(ort, provider)
  const [x, w] = [wave(rows * width, 0), wave(width * width, 1)]
  try {
    await device.build(1, source())
    device.write(1, x.slice())
    device.write(2, w.slice())
    await device.run(1, [1, 2], [3])
    const y = await device.read(3)
    const isRight = expected(x, w).every((value, i) => Math.abs(Number(y[i]) - value) < 1e-4)
    return isRight ? undefined : 'it computes a small graph wrongly'
  } catch (error) {
    return (error as Error).message
  } finally {
    device.free([1, 2, 3])
    await device.disposeProgram(1)
  }
}
