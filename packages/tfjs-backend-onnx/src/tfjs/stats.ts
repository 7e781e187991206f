/** What the backend has done since it started. */
export interface OnnxStats {
  /** Where graphs run. */
  execution: 'worker' | 'inline'
  /** ONNX Runtime's execution provider that computes. */
  provider: string
  /** Graphs run. */
  flushes: number
  /** Steps that ran again without being recorded (`replayed`). */
  replays: number
  /** Sessions built, and the time that took. */
  builds: number
  buildMs: number
  /** Time inside ONNX Runtime. */
  runMs: number
  /** Sessions alive, their estimated memory, and how many were dropped or rebuilt. */
  sessions: number
  /** How many of the graphs with sessions run in parts of the batch, one on each thread. */
  split: number
  sessionBytes: number
  evictions: number
  respecialisations: number
  /** Kernels that ran on the tfjs CPU backend because they are not mapped, with their number of calls. */
  fallbacks: Record<string, number>
  /** Tensors read back to the host. */
  reads: number
  /** Nodes of the graph that ran last. */
  lastNodes: number
  /** Tensors held by ONNX Runtime's side. */
  buffers: number
  /** Bytes of released buffers kept for reuse. */
  poolBytes: number
}
