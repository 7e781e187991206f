import type { Dataset } from '@pilotjs/data'
import { registerBackbone } from '@pilotjs/hub'

/** Makes known by name what comes with the command: a backbone to start with, and … */
export function registerEmbedded(): void {
  registerBackbone({
    name: 'vit-icons',
    description: 'ViT of 32 px, pre-trained on icons by this toolbox; comes with the command',
    load: async () => (await import('@pilotjs/vit-icons')).loadVitIcons(),
  })
}

/** … data to start with. Loaded when asked for. */
export const embeddedDatasets: Readonly<Record<string, () => Promise<Dataset>>> = {
  'icons-100': async () => (await import('@pilotjs/icons-100')).loadIcons100(),
}
