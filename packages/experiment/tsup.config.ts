import { defineConfig } from 'tsup'
import shared from '../../tsup.shared'

// The shared anatomy, and the program of the processes that compute a sweep's runs.
export default defineConfig({ ...shared, entry: ['src/index.ts', 'src/run-child.ts'] })
