import { createInterface } from 'node:readline'
import { selectEngine } from '@pilotjs/core/node'
import { configureOnnx } from '@pilotjs/tfjs-backend-onnx'
import { runWork } from './work'
import type { WorkName } from './work'

// The same work in Node: takes names of it, a line each, and answers with what a round took, in milliseconds.

configureOnnx({ threads: 1 })
await selectEngine('onnx')

const cpuMs = () => {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

for await (const name of createInterface({ input: process.stdin })) {
  const [began, used] = [performance.now(), cpuMs()]
  const count = await runWork(name as WorkName)
  console.log(JSON.stringify({ count, wall: performance.now() - began, cpu: cpuMs() - used }))
}
process.exit(0)
