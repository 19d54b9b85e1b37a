/**
 * A text for a step call of a run that no other call has.
 *
 * The id of a call ends with its number, and a name has no `#`: where the id ends can be read, and what comes behind it is
 * the run's, whatever characters that has.
 *
 * @param id such as `charge#2`
 */
export function callKey(runId: string, id: string): string {
  return `${id} ${runId}`;
}
