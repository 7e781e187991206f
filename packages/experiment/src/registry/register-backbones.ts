import { registerBackbone } from '@pilotjs/hub'
import type { Registry } from './registry'

/** Makes known by name the backbones that packages at hand hold. Each is imported when its weights are asked for. */
export async function registerBackbones(registry: Registry): Promise<void> {
  for (const found of await registry.list('backbone'))
    registerBackbone({
      name: found.name,
      load: async () => (await registry.open({ ...found, kind: 'backbone' })).value.load(),
    })
}
