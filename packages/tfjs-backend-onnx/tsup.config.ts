import { defineConfig } from 'tsup'
import shared from '../../tsup.shared'

export default defineConfig({
  ...shared,
  entry: { index: 'src/index.ts', worker: 'src/device/worker.ts', teammate: 'src/device/teammate.ts' },
  platform: 'node',
})
