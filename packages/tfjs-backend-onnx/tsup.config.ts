import { defineConfig } from 'tsup'
import shared from '../../tsup.shared'

export default defineConfig({
  ...shared,
  entry: { index: 'src/index.ts', worker: 'src/runtime/node/worker.ts', teammate: 'src/runtime/node/teammate.ts' },
  platform: 'node',
})
