import { selectEngine } from '@pilotjs/core/node'

// Tiny networks: the engine that is always there is fast enough.
await selectEngine('cpu')
