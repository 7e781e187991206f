import type { Setting } from './figure'
import { WEIGHTS } from './figure'
import { ledger } from './ledger'

export interface Wanted {
  readonly method: string
  readonly data: string
  readonly increment?: number
  readonly backbone?: string
}

/** Where nothing is published: ten classes a task. */
const defaults = (data: string) => ({ increment: 10, backbone: data === 'icons-100' ? 'vit-icons' : WEIGHTS.in1k })

/**
 * The setting that a method and a data set mean: of those in the ledger that fit what else is wanted, the one that PILOT
 * published, else the first. What is not in the ledger is taken as wanted, on the weights that PILOT's shipped configs name.
 */
export function settingToReproduce({ method, data, increment, backbone }: Wanted): Required<Wanted> {
  const fits = ({ increment: classes, backbone: weights, ...row }: Setting) =>
    row.method === method &&
    row.data === data &&
    classes !== undefined &&
    weights !== undefined &&
    (increment ?? classes) === classes &&
    (backbone ?? weights) === weights
  const rows = ledger([]).filter(fits)
  const row = rows.find(({ pilot }) => pilot) ?? rows[0]
  return {
    method,
    data,
    increment: increment ?? row?.increment ?? defaults(data).increment,
    backbone: backbone ?? row?.backbone ?? defaults(data).backbone,
  }
}
