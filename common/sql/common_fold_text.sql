-- Folds a text for comparison: compatibility forms, case, apostrophes, and signs that nobody sees
-- or types (soft hyphens, Hebrew and Arabic points, zero-width and direction marks, variation
-- selectors). `common.text_folding` does the same in Python; a test compares the two.
CREATE OR REPLACE FUNCTION common_fold_text(words text)
 RETURNS text
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE STRICT
RETURN CASE
    -- ASCII, which most texts are, needs none of it.
    WHEN octet_length(words) = length(words) THEN lower(words COLLATE pg_unicode_fast)
    ELSE normalize(
        replace(
            regexp_replace(
                translate(
                    casefold(normalize(replace(words, '´', ''''), NFKD) COLLATE pg_unicode_fast),
                    '‘’‛ʻʼ՚׳״ı',
                    '''''''''''''''"i'
                ),
                '[\u00ad\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u061c\u0640'
                '\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed'
                '\u180b-\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufe00-\ufe0f\ufeff'
                '\U000e0000-\U000e01ef]+',
                '',
                'g'
            ),
            'i̇',
            'i'
        ),
        NFC
    )
END;
