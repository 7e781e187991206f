import { expect, it } from 'vitest'
import { stateAddress } from './address'

it('reads a bucket and what its keys begin with', () => {
  expect(stateAddress('s3://my-runs')).toEqual({ bucket: 'my-runs', prefix: '', shown: 's3://my-runs' })
  expect(stateAddress('s3://my-runs/a//b/')).toEqual({ bucket: 'my-runs', prefix: 'a/b/', shown: 's3://my-runs/a/b' })
})

it.each(['', 's3:my-runs', 's3://', 'https://my-runs', 's3://key:geheim@my-runs', 's3://my-runs/a?b=geheim'])(
  'refuses %j, and repeats nothing of it',
  (url) => {
    expect(() => stateAddress(url)).toThrow('the state store is no address of a bucket; such is s3://BUCKET/PREFIX')
    expect(() => stateAddress(url)).not.toThrow('geheim')
  },
)
