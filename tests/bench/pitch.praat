# SPDX-License-Identifier: GPL-3.0-or-later
# The pitch of a sound file by Praat's autocorrelation method, at the frames of the front end.
form Pitch
  sentence in
  sentence out
  integer n_frames
  real floor_hz
  real ceiling_hz
  real octave_cost
endform
Read from file: in$
To Pitch (ac): 0.01, floor_hz, 15, "no", 0.03, 0.45, octave_cost, 0.35, 0.14, ceiling_hz
writeFile: out$, ""
for i from 0 to n_frames - 1
  f = Get value at time: i * 256 / 24000, "Hertz", "linear"
  if f = undefined
    appendFileLine: out$, "0"
  else
    appendFileLine: out$, fixed$ (f, 4)
  endif
endfor
