export { readBytes } from './read-bytes'
