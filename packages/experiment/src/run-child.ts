import { serveRun } from './sweep/serve-run'

// The program of a process that computes one run of a sweep; see childExecutor.
serveRun()
