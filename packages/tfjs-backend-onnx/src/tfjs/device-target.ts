import type { Target } from '../lowering/target'
import type { Device } from '../runtime/device'

/** What operations are lowered for; whether there are blocks of channels is found out when the first operation wants to know. */
export class DeviceTarget implements Target {
  readonly provider: string
  private block: number | null | undefined

  constructor(
    private readonly device: Device,
    readonly threads: number,
  ) {
    this.provider = device.provider
  }

  get channelBlock(): number | null {
    if (this.block === undefined) this.block = this.device.channelBlock()
    return this.block
  }
}
