export { simplecil, simplecil as default } from './simplecil'
