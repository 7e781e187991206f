export { loadVitIcons, vitIconsConfig } from './load-vit-icons'
