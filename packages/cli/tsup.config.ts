import { defineConfig } from 'tsup'
import shared from '../../tsup.shared'

// The shared anatomy, and the command itself.
export default defineConfig({ ...shared, entry: ['src/index.ts', 'src/bin.ts'] })
