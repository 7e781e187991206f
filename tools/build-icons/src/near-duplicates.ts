/** Cosine of two drawings above which they count as the same drawing. */
export const SAME_DRAWING = 0.98

/** Cells of a sketch in one direction; each stands for 4 × 4 pixels of 32 × 32. */
const CELLS = 8

interface Entry {
  shape: Float32Array
  sketch: Float32Array
}

/**
 * A growing collection of drawings that tells whether a new one is nearly among them. Shapes are unit vectors of
 * 32 × 32 numbers, so that a cosine above c means a squared distance below 2 − 2c; and the distance of two sketches
 * (an orthogonal projection) is never above that of the shapes, which rules most pairs out after a few numbers.
 */
export class NearDuplicates {
  private readonly entries: Entry[] = []
  private readonly nearest: number

  constructor(private readonly threshold = SAME_DRAWING) {
    this.nearest = 2 - 2 * threshold
  }

  has(shape: Float32Array): boolean {
    return this.hasEntry({ shape, sketch: sketchOf(shape) })
  }

  /** Adds the drawing unless it is nearly there already; tells whether it was added. */
  add(shape: Float32Array): boolean {
    const entry = { shape, sketch: sketchOf(shape) }
    if (this.hasEntry(entry)) return false
    this.entries.push(entry)
    return true
  }

  private hasEntry({ shape, sketch }: Entry): boolean {
    return this.entries.some(
      (other) => within(other.sketch, sketch, this.nearest + 1e-5) && cosine(other.shape, shape) > this.threshold,
    )
  }
}

/** The cosine of two unit vectors. */
export function cosine(a: Float32Array, b: Float32Array): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!
  return sum
}

function within(a: Float32Array, b: Float32Array, limit: number): boolean {
  let distance = 0
  for (let i = 0; i < a.length; i++) {
    distance += (a[i]! - b[i]!) ** 2
    if (distance > limit) return false
  }
  return true
}

/** Sums over cells of 4 × 4 pixels, divided by 4: coordinates in an orthonormal basis of such cells. */
function sketchOf(shape: Float32Array): Float32Array {
  const size = Math.sqrt(shape.length)
  const side = size / CELLS
  const sketch = new Float32Array(CELLS * CELLS)
  for (let p = 0; p < shape.length; p++) {
    const cell = Math.floor(Math.floor(p / size) / side) * CELLS + Math.floor((p % size) / side)
    sketch[cell]! += shape[p]! / side
  }
  return sketch
}
