export { linearProbe, linearProbe as default } from './linear-probe'
