import { build } from 'tsup'
import { workerBuild } from './worker.build'

/** Tests run the package's sources; its thread can't, so it is built from them first. */
export async function setup(): Promise<void> {
  await build({ ...workerBuild, config: false })
}
