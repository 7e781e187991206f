export { demoMethods } from './demo/demo-methods'
export { findMethods, type MethodPackage } from './registry/find-methods'
export { EXIT, main } from './main'
export { processTerminal, type Terminal } from './terminal/terminal'
