export { demoMethods } from './demo/demo-methods'
export { EXIT, main } from './main'
export { processTerminal, type Terminal } from './terminal/terminal'
export { acceptsText } from './terminal/accepts-text'
