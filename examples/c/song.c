/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sets words to music, keeps the song for a notation program, sings it into raw 16-bit samples on standard
 * output, and tells on standard error how it feels.
 *
 *   cc song.c $(pkg-config --cflags --libs neume) -o song
 *   ./song "The sun is in the sky" song.musicxml | aplay -f S16_LE -r 24000 */
#include <neume.h>
#include <stdio.h>
#include <string.h>

static int hear(void *user, const float *samples, size_t n)
{
  NeumeEmotion *emotion = user;
  for (size_t i = 0; i < n; i++) {
    const float x = samples[i] < -1 ? -1 : samples[i] > 1 ? 1 : samples[i];
    const int value = (int)(x * 32767);
    putchar(value & 0xff);
    putchar(value >> 8 & 0xff);
  }
  return neume_emotion_push(emotion, samples, n, NULL) != NEUME_OK || ferror(stdout);
}

static void tell_moods(NeumeEmotion *emotion)
{
  NeumeEmotionSegment mood;
  neume_emotion_finish(emotion, NULL);
  while (neume_emotion_read_segment(emotion, &mood, sizeof mood))
    fprintf(stderr, "%6.2f to %6.2f s: %s\n", mood.start_s, mood.end_s,
            neume_name_mood(mood.valence, mood.arousal));
}

static NeumeStatus work(NeumeContext *neume, const char *words, const char *path, NeumeError *error)
{
  const NeumeOption change[] = {{"segments", "0.15"}, {NULL, NULL}},
                    force[] = {{"force", "yes"}, {NULL, NULL}};
  NeumeSong *song = neume_compose(neume, words, strlen(words), NULL, NULL, error);
  NeumeEmotion *emotion = song ? neume_emotion_new(neume, NEUME_RATE_HZ, 1, change, error) : NULL;
  const NeumeSink sink = {.size = sizeof sink, .user = emotion, .audio = hear};
  NeumeStatus status = emotion ? neume_song_save(song, path, force, error) : error->status;
  if (status == NEUME_OK) status = neume_sing(neume, song, NULL, &sink, error);
  if (status == NEUME_OK) tell_moods(emotion);
  neume_emotion_free(emotion);
  neume_song_free(song);
  return status;
}

int main(int argc, char **argv)
{
  NeumeError error;
  NeumeContext *neume = neume_context_new(NULL, &error);
  const char *words = argc > 1 ? argv[1] : "The sun is in the sky",
             *path = argc > 2 ? argv[2] : "song.musicxml";
  const int failed = !neume || work(neume, words, path, &error) != NEUME_OK;
  if (failed) fprintf(stderr, "song: %s\n", error.message);
  neume_context_free(neume);
  return failed;
}
