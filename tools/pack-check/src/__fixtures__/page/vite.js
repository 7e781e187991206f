// A page that brings both embedded backbones along, as Vite finds their weights.
import { loadEfficientNetLite0 } from '@pilotjs/efficientnet-lite0'
import photos from '@pilotjs/efficientnet-lite0/weights.safetensors?url'
import { loadVitIcons } from '@pilotjs/vit-icons'
import icons from '@pilotjs/vit-icons/weights.safetensors?url'

globalThis.backbones = () => Promise.all([loadVitIcons(icons), loadEfficientNetLite0(photos)])
