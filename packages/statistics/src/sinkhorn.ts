/** A transport problem: from rows to columns. */
export interface TransportProblem {
  /** [rows, columns] in reading order. */
  readonly cost: ArrayLike<number>
  /** Mass of each row. */
  readonly rows: ArrayLike<number>
  /** Mass of each column. */
  readonly columns: ArrayLike<number>
  /** Weight of the entropy: small plans are sharp. */
  readonly regularization: number
  /** Default 1000. */
  readonly iterations?: number
  /** Ends once the columns' masses are this near (L2). Default 1e-9. */
  readonly tolerance?: number
}

/** How much goes from each row to each column. */
export interface TransportPlan {
  /** [rows, columns] in reading order. */
  readonly plan: Float64Array
  /** Rounds that it took. */
  readonly iterations: number
  readonly converged: boolean
}

/**
 * Entropic optimal transport by Sinkhorn's algorithm (Cuturi, NeurIPS 2013, https://arxiv.org/abs/1306.0895) on logarithms (Peyré
 * and Cuturi, Computational Optimal Transport, 2019, section 4.4), in float64: no cost over regularization is too large for it.
 * Ends with the rows' masses exact.
 * @throws RangeError when sizes do not fit or masses differ in sum
 */
export function sinkhorn(problem: TransportProblem): TransportPlan {
  const { cost, rows, columns, regularization, iterations = 1000, tolerance = 1e-9 } = problem
  const [n, m] = checkProblem(problem)
  const [total, wanted] = [sumOf(rows), sumOf(columns)]
  if (Math.abs(total - wanted) > 1e-6 * Math.max(total, wanted))
    throw new RangeError(`sinkhorn: rows hold ${total} in all and columns ${wanted}: a transport moves all there is`)
  const scaled = Float64Array.from(cost, (value) => -value / regularization)
  const [f, g] = [new Float64Array(n), new Float64Array(m)]
  const entry = (i: number, j: number) => f[i]! + scaled[i * m + j]! + g[j]!

  let done = 0
  let converged = false
  while (done < iterations && !converged) {
    for (let j = 0; j < m; j++) g[j]! += Math.log(columns[j]!) - logSumExp(n, (i) => entry(i, j))
    for (let i = 0; i < n; i++) f[i]! += Math.log(rows[i]!) - logSumExp(m, (j) => entry(i, j))
    if (done++ % 10 !== 0) continue
    let square = 0
    for (let j = 0; j < m; j++) square += (Math.exp(logSumExp(n, (i) => entry(i, j))) - columns[j]!) ** 2
    converged = Math.sqrt(square) < tolerance
  }
  const plan = Float64Array.from({ length: n * m }, (_, k) => Math.exp(entry(Math.floor(k / m), k % m)))
  return { plan, iterations: done, converged }
}

/**
 * The same round by round as POT 0.8.2 computes it (`ot.sinkhorn`, method `sinkhorn_knopp`), which PILOT calls: masses may differ
 * in sum, then all iterations run, or as many as float64 can hold. Where rows are a Float32Array, their reciprocals are float32
 * as well, as they are where POT is given torch tensors. For numbers equal to PILOT's; `sinkhorn` is the stable one.
 */
export function sinkhornAsPot(problem: TransportProblem): TransportPlan {
  const { cost, rows, columns, regularization, iterations = 1000, tolerance = 1e-9 } = problem
  const [n, m] = checkProblem(problem)
  const kernel = Float64Array.from(cost, (value) => Math.exp(-value / regularization))
  const reciprocal = Array.from(rows, (mass) => (rows instanceof Float32Array ? Math.fround(1 / mass) : 1 / mass))
  let u = new Float64Array(n).fill(1 / n)
  let v = new Float64Array(m).fill(1 / m)
  let converged = false
  let done = 0
  while (done < iterations && !converged) {
    const ku = Float64Array.from({ length: m }, (_, j) => dot(n, (i) => kernel[i * m + j]! * u[i]!))
    const nextV = ku.map((sum, j) => columns[j]! / sum)
    const nextU = Float64Array.from(u, (_, i) => 1 / dot(m, (j) => reciprocal[i]! * kernel[i * m + j]! * nextV[j]!))
    const step = done++
    // The last numbers that were any stay.
    if (ku.includes(0) || ![...nextU, ...nextV].every(Number.isFinite)) break
    u = nextU
    v = nextV
    if (step % 10 !== 0) continue
    let square = 0
    for (let j = 0; j < m; j++) square += (dot(n, (i) => u[i]! * kernel[i * m + j]! * v[j]!) - columns[j]!) ** 2
    converged = Math.sqrt(square) < tolerance
  }
  const plan = kernel.map((value, k) => u[Math.floor(k / m)]! * value * v[k % m]!)
  return { plan, iterations: done, converged }
}

function checkProblem({ cost, rows, columns, regularization }: TransportProblem): [rows: number, columns: number] {
  if (cost.length !== rows.length * columns.length)
    throw new RangeError(`sinkhorn: ${cost.length} costs for ${rows.length} rows and ${columns.length} columns`)
  if (!(regularization > 0)) throw new RangeError(`sinkhorn: regularization must be above 0, got ${regularization}`)
  const empty = [...Array.from(rows), ...Array.from(columns)].find((mass) => !(mass > 0))
  if (empty !== undefined) throw new RangeError(`sinkhorn: every row and column needs a mass above 0, got ${empty}`)
  return [rows.length, columns.length]
}

const sumOf = (values: ArrayLike<number>): number => Array.from(values).reduce((sum, value) => sum + value, 0)

function dot(count: number, product: (index: number) => number): number {
  let sum = 0
  for (let i = 0; i < count; i++) sum += product(i)
  return sum
}

/** log Σ e^value, without overflow. */
function logSumExp(count: number, value: (index: number) => number): number {
  let most = -Infinity
  for (let i = 0; i < count; i++) most = Math.max(most, value(i))
  return most + Math.log(dot(count, (i) => Math.exp(value(i) - most)))
}
