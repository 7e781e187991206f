import { classes } from './classes'
import { confusion } from './confusion'
import { losses } from './losses'
import { matrix } from './matrix'
import { memory } from './memory'
import type { RunChart } from './run-chart'
import { time } from './time'

/** The charts of a run, in the order of the page: one more is a file of its own and its name here. */
export const runCharts: readonly RunChart[] = [matrix, confusion, classes, time, memory, losses]
