import type { Device } from './device'
import type { OnnxOptions } from './options'

/** Where programs run: Node or a page. */
export interface Runtime {
  /** What options are where nobody says otherwise. */
  defaults(): OnnxOptions
  createDevice(options: OnnxOptions): Device | Promise<Device>
}
