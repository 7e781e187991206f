// A page that brings both embedded backbones along, as esbuild finds their weights.
import { loadEfficientNetLite0 } from '@pilotjs/efficientnet-lite0'
import photos from '@pilotjs/efficientnet-lite0/weights.safetensors'
import { loadVitIcons } from '@pilotjs/vit-icons'
import icons from '@pilotjs/vit-icons/weights.safetensors'

globalThis.backbones = () => Promise.all([loadVitIcons(icons), loadEfficientNetLite0(photos)])
