import type { Device } from './device'
import type { OnnxOptions } from './options'

/** Where programs run: Node or a page. */
export interface Runtime {
  /**
   * What options are where nobody says otherwise.
   * @param memoryBytes the memory to count on, where somebody says so
   */
  defaults(memoryBytes?: number): OnnxOptions
  createDevice(options: OnnxOptions): Device | Promise<Device>
}
