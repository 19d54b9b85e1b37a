import { task } from './bullmq.spec-helpers.js';
import { stepJobs } from './step-jobs.js';

/** The jobs of calls that are expected to run for so long: the ids of the calls in each. */
function jobsOf(expectedMs: readonly number[]): { readonly calls: string[]; readonly jobId: string | undefined }[] {
  const calls = new Map(expectedMs.map((ms, index) => [`key ${index}`, { task: task(`s#${index}`), expectedMs: ms }]));
  return stepJobs(calls).map(({ data, opts }) => ({
    calls: ('tasks' in data ? data.tasks : [data]).map(({ id }) => id),
    jobId: opts?.jobId,
  }));
}
const sizesOf = (...expectedMs: readonly number[]): number[] => jobsOf(expectedMs).map(({ calls }) => calls.length);
const times = (count: number, ms: number): number[] => Array.from({ length: count }, () => ms);

it('gives a call that travels alone the name of its step, and an id that drops others of its key', () => {
  const calls = new Map([['key', { task: task('s#1'), expectedMs: 0 }]]);
  expect(stepJobs(calls)).toEqual([{ name: 'charge', data: task('s#1'), opts: { jobId: 'key' } }]);
});

it('lets calls that are done at once share jobs, in their order', () => {
  expect(sizesOf(...times(45, 0))).toEqual([20, 20, 5]);
  expect(jobsOf(times(21, 0))[1]).toEqual({ calls: ['s#20'], jobId: 'key 20' });
  expect(jobsOf([0, 0, 0])).toEqual([{ calls: ['s#0', 's#1', 's#2'], jobId: undefined }]);
});

it('puts so many into a job as should be done within ten milliseconds, one after another', () => {
  expect(sizesOf(...times(5, 5))).toEqual([2, 2, 1]);
  expect(sizesOf(...times(5, 3))).toEqual([3, 2]);
  expect(sizesOf(10, 0, 0, 1, 9, 1)).toEqual([3, 2, 1]);
});

it('leaves those alone that may take long', () => {
  expect(sizesOf(...times(3, 10.1))).toEqual([1, 1, 1]);
  expect(sizesOf(0, Infinity, 0, 0, Infinity, Infinity, 0)).toEqual([1, 1, 2, 1, 1, 1]);
});
