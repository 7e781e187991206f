import { defineConfig } from 'tsup'
import shared from '../../tsup.shared'
import { workerBuild } from './worker.build'

// Both builds run side by side: the first one's sweep leaves the worker alone.
export default defineConfig([{ ...shared, clean: ['!worker.js', '!**/*.d.ts'] } as object, workerBuild])
