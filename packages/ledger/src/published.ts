import { collectedFigures } from './collected-figures'
import type { Figure } from './figure'
import { forkLogs } from './fork-logs'
import { lcaTable } from './lca-table'
import { pilotCurves } from './pilot-curves'

/** Every published figure that is known here. Of two for one setting by the same hand the earlier counts: it says more. */
export const published: readonly Figure[] = [...collectedFigures, ...forkLogs, ...pilotCurves, ...lcaTable]
