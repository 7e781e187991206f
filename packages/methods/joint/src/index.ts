export { joint, joint as default } from './joint'
