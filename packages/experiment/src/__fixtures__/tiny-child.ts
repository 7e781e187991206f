import '@tensorflow/tfjs-backend-cpu'
import { serveRun } from '../sweep/serve-run'
import { tinyRegistry } from './tiny-registry'

/** The program of a sweep's process, with what `tinyRegistry` holds. */
serveRun(tinyRegistry)
