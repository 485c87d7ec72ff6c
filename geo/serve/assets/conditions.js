// Limit, speed and turnout: what was set last is the ground of what is set next, also before it is answered.

/** The settings of a message; one that is left out or undefined is that of the study. @typedef {Record<string, number | undefined>} Settings */

export class Conditions {
  /**
   * @param {import('./line.js').Line} line
   * @param {any} model
   * @param {{rest: () => void, view: () => void}} show what holds, where nobody answers and where it is refused
   */
  constructor(line, model, show) {
    this.line = line;
    this.model = model;
    this.show = show;
    /** Set and not answered yet: what the page shows is of before. @type {Settings | null} */ this.asked = null;
    /** What a slider that is held is at. @type {Settings | null} */ this.sliding = null;
  }

  /** @returns {Settings} */
  held() {
    if (this.asked) return this.asked;
    const { state, hello: { study } } = this.model;
    return {
      limit_s: state.limit_s === study.limit_s ? undefined : state.limit_s,
      speed_factor: state.speed_factor === null ? undefined : state.speed_factor,
      turnout_s: state.turnout_s === null ? undefined : state.turnout_s,
    };
  }

  /** Set speed and turnout at once; one that is empty gives the study's limit back too. @param {Settings} values */
  preset(values) {
    const isStudy = !Object.keys(values).length;
    return this.set(isStudy ? {} : { limit_s: this.held().limit_s, ...values });
  }

  /** @param {Settings} wanted */
  async set(wanted) {
    this.asked = wanted;
    const answer = await this.line.ask({ do: 'set', ...wanted });
    if (this.asked === wanted) this.asked = null;
    if (!answer) this.show.rest();
    else if (answer.header.kind !== 'state') this.show.view();
  }

  /** @param {string} name @param {number} value @param {boolean} isDone whether the slider is let go */
  async slide(name, value, isDone) {
    const key = { limit: 'limit_s', speed: 'speed_factor', turnout: 'turnout_s' }[name];
    const isStudy = name === 'limit' ? value === this.model.hello.study.limit_s : name === 'speed' && value === 0;
    const number = isStudy ? undefined : name === 'speed' ? Math.round(100 + value) / 100 : value;
    const wanted = { ...this.held(), [key]: number };
    if (isDone) {
      this.sliding = null;
      return this.set(wanted);
    }
    const isBusy = this.sliding !== null;
    this.sliding = wanted;
    if (isBusy) return;
    while (this.sliding) {
      const asked = this.sliding;
      await this.line.ask({ do: 'set', ...asked, try: true });
      if (this.sliding === asked) this.sliding = null;
    }
  }
}
