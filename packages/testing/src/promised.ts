/** One thing that every method promises. */
export interface Promised {
  /** What is promised, as a test's name. */
  readonly promise: string
  /** Rejects with vitest's assertion error where a method does not keep it. */
  check(): Promise<void>
}
