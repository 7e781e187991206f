/** What a learner tells while it learns. Numbers are plain: listeners may keep them. */
export type ProgressEvent =
  | {
      readonly kind: 'phase'
      /** e.g. `train`, `prototypes`, `align`. */
      readonly phase: string
      /** 0 for a phase that computes and trains nothing. */
      readonly epochs: number
      readonly stepsPerEpoch: number
      /** How many numbers this phase changes. */
      readonly trainableParameters: number
    }
  | {
      readonly kind: 'step'
      readonly phase: string
      /** Counted from 0, as `step` is within its epoch. */
      readonly epoch: number
      readonly epochs: number
      readonly step: number
      readonly stepsPerEpoch: number
      /** The value backward was called on, before this step changed anything. */
      readonly loss: number
      readonly learningRate: number
    }
  | { readonly kind: 'features'; readonly done: number; readonly total: number }
  | { readonly kind: 'note'; readonly message: string }
