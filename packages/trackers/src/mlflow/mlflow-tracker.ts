import type { LoggedKind } from '@pilotjs/eval'
import { flatConfig } from '../flat-config'
import type { Scalar } from '../scalars'
import { scalarsOf } from '../scalars'
import type { Tracker } from '../tracker'
import { mlflowClient, withoutUser } from './mlflow-client'

export interface MlflowOptions {
  /** The tracking server: `http://localhost:5000`. */
  readonly url: string
  /** The experiment that runs belong to; made where it is not there. Default `pilotjs`. */
  readonly experiment?: string
  /** Sent as a bearer token. */
  readonly token?: string
  readonly user?: { readonly name: string; readonly password: string }
  /** How long a request may take, in milliseconds. Default 60,000: nothing waits for it. */
  readonly timeout?: number
}

/** What MLflow takes at once. */
const METRICS = 1000
const PARAMS = 100
/** Longest value of a parameter that every version takes. */
const VALUE = 500
/** Tells a run of ours again, however it is called. */
const ID = 'pilotjs.id'

/**
 * Writes a run to an MLflow tracking server over its REST API: the config as parameters, measures and losses as metrics. A run
 * that is there already (replayed, or resumed) is put in the bin for the new one, so that nothing stands twice.
 */
export function mlflowTracker(options: MlflowOptions): Tracker {
  const { url, experiment = 'pilotjs', timeout = 60_000 } = options
  const client = mlflowClient({ url, timeout, token: options.token, user: options.user })
  const scalars = scalarsOf()
  let run: string | undefined
  let held: Scalar[] = []

  const flush = async () => {
    while (run !== undefined && held.length > 0) {
      const metrics = held
        .slice(0, METRICS)
        .map(({ tag, value, step, at }) => ({ key: tag, value, step, timestamp: Math.round(at) }))
      await client.post('runs/log-batch', { run_id: run, metrics })
      held = held.slice(METRICS)
    }
  }
  const end = async (status: 'FINISHED' | 'FAILED', at: number) => {
    await flush()
    if (run !== undefined) await client.post('runs/update', { run_id: run, status, end_time: Math.round(at) })
  }

  async function begin({ id, name, at, config }: LoggedKind<'begun'>): Promise<void> {
    const experimentId = await experimentCalled(experiment)
    const search = { experiment_ids: [experimentId], filter: `tags.\`${ID}\` = '${id.replace(/[^\w-]/g, '')}'` }
    const { runs = [] } = await client.post<{ runs?: { info: { run_id: string } }[] }>('runs/search', search)
    for (const { info } of runs) await client.post('runs/delete', { run_id: info.run_id })
    const { run: made } = await client.post<{ run: { info: { run_id: string } } }>('runs/create', {
      experiment_id: experimentId,
      run_name: name,
      start_time: Math.round(at),
      tags: [
        { key: ID, value: id },
        { key: 'mlflow.source.name', value: 'pilotjs' },
      ],
    })
    run = made.info.run_id
    const params = Object.entries(flatConfig(config)).map(([key, value]) => ({
      key: key.replace(/[^\w./ -]/g, '_'),
      value: value.slice(0, VALUE),
    }))
    for (let first = 0; first < params.length; first += PARAMS)
      await client.post('runs/log-batch', { run_id: run, params: params.slice(first, first + PARAMS) })
  }

  async function experimentCalled(name: string): Promise<string> {
    const found = await client.find<{ experiment: { experiment_id: string } }>('experiments/get-by-name', {
      experiment_name: name,
    })
    if (found) return found.experiment.experiment_id
    return (await client.post<{ experiment_id: string }>('experiments/create', { name })).experiment_id
  }

  return {
    name: `MLflow at ${withoutUser(url).url}`,
    async take(event) {
      if (event.kind === 'begun') return begin(event)
      held.push(...scalars(event))
      if (event.kind === 'finished') return end('FINISHED', event.at)
      if (event.kind === 'stopped') return end('FAILED', event.at)
      // A task's figures are what one waits for; losses may come in bundles.
      if (event.kind === 'scored' || held.length >= METRICS) await flush()
    },
    close: flush,
  }
}
