import type { Command, Reply } from '../commands'
import type { DeviceStats } from '../device'
import type { PackedError } from '../errors'

/** What the worker begins with. */
export interface StartOptions {
  /**
   * Execution providers in order of preference; `auto` stands for WebGPU where it is there and computes the right numbers, else
   * `wasm`.
   */
  providers: readonly string[]
  threads: number
  /** The addresses of onnxruntime-web's files. */
  files: Record<'processor' | 'gpu', { mjs: string; wasm: string }>
}

/** What the page tells its worker. */
export type ToWorker = { kind: 'start'; options: StartOptions } | { kind: 'commands'; commands: Command[] }

/** What the worker tells its page. */
export type ToPage =
  | { kind: 'ready'; provider: string }
  | { kind: 'failed'; error: PackedError }
  | { kind: 'reply'; reply: Reply }
  | { kind: 'stats'; stats: DeviceStats }
