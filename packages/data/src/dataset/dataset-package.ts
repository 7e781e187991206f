import type { Dataset } from './dataset'

/**
 * A data set that a package brings along: the default export of a package whose package.json says `"pilotjs": { "dataset": name
 * }`.
 */
export interface DatasetPackage {
  /** What users call it by. */
  readonly name: string
  /** One line for lists. */
  readonly description?: string
  readonly classes?: number
  load(): Promise<Dataset>
}
