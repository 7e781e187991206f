import { defineConfig } from 'tsup'
import shared from '../../tsup.shared'
import { workerSource } from './worker-source'

export default defineConfig({
  ...shared,
  entry: { web: 'src/web.ts' },
  platform: 'browser',
  // tsup.config.ts has done so
  clean: false,
  esbuildPlugins: [workerSource],
})
