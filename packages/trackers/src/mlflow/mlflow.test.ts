import { createServer } from 'node:http'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, it } from 'vitest'
import { run } from '../__fixtures__/run'
import { liveTracker } from '../live-tracker'
import { mlflowTracker } from './mlflow-tracker'

let server: Server | undefined
afterEach(() => {
  server?.closeAllConnections()
  server?.close()
})

async function serve(
  answer: (path: string, body: unknown, request: IncomingMessage, response: ServerResponse) => void,
) {
  server = createServer((request, response) => {
    let body = ''
    request.on('data', (piece: Buffer) => (body += piece.toString()))
    request.on('end', () =>
      answer(
        request.url!.replace('/api/2.0/mlflow/', '').split('?')[0]!,
        body === '' ? undefined : JSON.parse(body),
        request,
        response,
      ),
    )
  })
  await new Promise<void>((resolve) => server!.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

it('makes experiment and run, in place of one told earlier, and ends it', async () => {
  const asked: [string, unknown][] = []
  const url = await serve((path, body, request, response) => {
    asked.push([path, body])
    expect(request.headers.authorization).toBe('Bearer secret')
    const answers: Record<string, [number, object]> = {
      'experiments/get-by-name': [404, { error_code: 'RESOURCE_DOES_NOT_EXIST' }],
      'experiments/create': [200, { experiment_id: '7' }],
      'runs/search': [200, { runs: [{ info: { run_id: 'old' } }] }],
      'runs/create': [200, { run: { info: { run_id: 'new' } } }],
    }
    const [status, answer] = answers[path] ?? [200, {}]
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(answer))
  })
  const tracker = mlflowTracker({ url: `${url}/`, token: 'secret' })
  for (const event of run) await tracker.take(event)
  await tracker.close()
  const of = (path: string) => asked.filter(([own]) => own === path).map(([, body]) => body)
  expect(asked.map(([path]) => path)).toEqual([
    'experiments/get-by-name',
    'experiments/create',
    'runs/search',
    'runs/delete',
    'runs/create',
    'runs/log-batch',
    'runs/log-batch',
    'runs/update',
  ])
  expect(of('runs/delete')).toEqual([{ run_id: 'old' }])
  const [params, metrics] = of('runs/log-batch') as [{ params: object[] }, { metrics: object[] }]
  expect(params.params).toEqual([
    { key: 'method', value: 'means' },
    { key: 'options.scale', value: '2' },
    { key: 'options.list', value: '[1,2]' },
  ])
  expect(metrics.metrics).toContainEqual({ key: 'task/accuracy', value: 75, step: 1, timestamp: 1900 })
  expect(metrics.metrics).toContainEqual({ key: 'train/loss', value: 0.5, step: 0, timestamp: 1700 })
  expect(metrics.metrics).toHaveLength(2 + 1 + 3)
  expect(of('runs/update')).toEqual([{ run_id: 'new', status: 'FINISHED', end_time: 2000 }])
})

it('says what a server has against it, without the password in its address', async () => {
  const url = await serve((_, __, ___, response) =>
    response.writeHead(500, { 'content-type': 'application/json' }).end('{"message":"the disk is full"}'),
  )
  const refused = mlflowTracker({ url }).take(run[0]!)
  await expect(refused).rejects.toMatchObject({
    code: 'tracker-failed',
    message: expect.stringContaining('the disk is full') as string,
  })
  const nobody = mlflowTracker({ url: 'http://me:hidden@127.0.0.1:1' })
  expect(nobody.name).toBe('MLflow at http://127.0.0.1:1')
  await expect(nobody.take(run[0]!)).rejects.toMatchObject({
    code: 'tracker-unreachable',
    message: expect.not.stringContaining('hidden') as string,
  })
})

it('takes name and password out of the address', async () => {
  let sent: string | undefined
  const url = await serve((_, __, request, response) => {
    sent = request.headers.authorization
    response.writeHead(403).end()
  })
  const tracker = mlflowTracker({ url: url.replace('//', '//me:p%40ss@') })
  await expect(tracker.take(run[0]!)).rejects.toThrow('403')
  expect(sent).toBe(`Basic ${Buffer.from('me:p@ss').toString('base64')}`)
  expect(() => mlflowTracker({ url: 'localhost' })).toThrow('http://localhost:5000')
})

it('does not hold up a run whose server hangs', async () => {
  let requests = 0
  const url = await serve(() => void requests++)
  const problems: string[] = []
  const live = liveTracker(mlflowTracker({ url, timeout: 300 }), { onProblem: (problem) => problems.push(problem) })
  for (const event of run) live.take(event)
  await live.close()
  expect(requests).toBeLessThan(2)
  expect(problems).toEqual([expect.stringMatching(/told nothing more: .* it took too long$/)])
})
